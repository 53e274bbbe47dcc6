import type { ReplicaSet, Request } from '../replica-set/replica-set.ts';

const cursor = (ns: string, firstBatch: readonly object[]) => ({ ok: 1, cursor: { id: 0n, ns, firstBatch } });

/**
 * Has the first member of a set greet as the router of a sharded cluster, and answer with the cluster's records.
 *
 * @param recorded  documents of `config.collections`, which may change
 */
export function standAsRouter(set: ReplicaSet, recorded: readonly object[]): void {
  set.greet = ({ setName: _, hosts: _hosts, setVersion: _version, primary: _primary, me: _me, ...hello }) => {
    const { electionId: _election, secondary: _secondary, ...rest } = hello;
    return { ...rest, msg: 'isdbgrid' };
  };
  const isConfig = ({ command }: Request) => command.$db === 'config';
  set.faults.add({
    when: (request) => isConfig(request) && request.name === 'find',
    by: () => cursor('config.collections', recorded),
  });
  set.faults.add({
    when: (request) => isConfig(request) && request.name === 'aggregate',
    by: () => cursor('config.shards', [{ n: 2 }]),
  });
}
