import type { Asker } from './roster.ts';
import type { Resident, Stage } from './stage.ts';

type Args = Readonly<Record<string, unknown>>;

/** Cursors and ids from earlier answers to a caller, for later questions. */
export interface Kept {
  cursor: string | null;
  confirmation: string | null;
  device: string | null;
  process: string | null;
  notice: string | null;
  eventCursor: string | null;
  caseCursor: string | null;
  /** A completed offer that waits for support. */
  waiting: string | null;
}

export const nothingKept = (): Kept => ({
  cursor: null,
  confirmation: null,
  device: null,
  process: null,
  notice: null,
  eventCursor: null,
  caseCursor: null,
  waiting: null,
});

/** The first text of this form under one of these names, or under one that the question gave. */
const textIn = (value: unknown, name: string, form: string): string | null =>
  new RegExp(`"(?:${name}|a\\d+)":"(${form})"`).exec(JSON.stringify(value))?.[1] ?? null;

export function keepFrom(field: string, value: unknown, kept: Kept): void {
  if (field === 'users') kept.cursor = textIn(value, 'endCursor', '[\\w-]{34}') ?? kept.cursor;
  if (field === 'privacyCases') kept.caseCursor = textIn(value, 'endCursor', '[\\w-]{40,}') ?? kept.caseCursor;
  if (field === 'erasureNotices') kept.notice = textIn(value, 'id', '[^"]+') ?? kept.notice;
  if (field === 'partnerEvents') kept.eventCursor = textIn(value, 'endCursor', '[\\w-]+') ?? kept.eventCursor;
  if (field === 'requestErasure') kept.confirmation = textIn(value, 'confirmation', '[^"]{30,}');
  if (field === 'createDevice') kept.device = textIn(value, 'id', '[^"]+');
  if (field === 'waitingOfferCompletions') kept.waiting = textIn(value, 'id', '[\\da-f-]{36}') ?? kept.waiting;
  if (field === 'openLegalProcess') kept.process = String(value);
}

/** Applies an acknowledged change to the known state of the world. */
export async function learnFrom(stage: Stage, asker: Asker, field: string, args: Args, value: unknown): Promise<void> {
  const self = asker.resident?.() ?? null;
  const input = (args.input ?? {}) as Args;
  switch (field) {
    case 'openPrivacyCase':
      stage.letters.push({ text: String(args.message), of: self?.id ?? null });
      break;
    case 'openGuardianCase':
      await stage.learnReports();
      break;
    case 'verifyGuardianCase': {
      const report = stage.reports().find(({ id }) => id === args.id);
      if (report) await stage.verify(report, String(args.proof));
      await stage.learnReports();
      break;
    }
    case 'recordChildFinding':
      stage.findings.push({ id: String(value), by: String(asker.claims()?.sub), user: String(args.user) });
      await stage.learnReports();
      break;
    case 'confirmChildFinding': {
      const finding = stage.findings.find(({ id }) => id === args.id);
      if (finding && stage.residents.has(finding.user)) await stage.refresh(finding.user);
      break;
    }
    case 'closePrivacyCase': {
      const owner = stage.living().find(({ shown }) => shown.privacyCases.some(({ id }) => id === args.id));
      if (owner) await stage.refresh(owner.id);
      break;
    }
    case 'openLegalProcess': {
      const subject = stage.residents.get(String(input.subject)) as Resident;
      const given = Object.entries(input).filter(([, part]) => part !== null);
      const opened = { ...Object.fromEntries(given), id: String(value) } as unknown as Resident['processes'][number];
      await stage.refresh(subject.id, { processes: [...subject.processes, opened] });
      break;
    }
    case 'endLegalProcess':
      for (const { id, processes } of stage.living()) {
        const others = processes.filter((process) => process.id !== args.id);
        if (others.length < processes.length) await stage.refresh(id, { processes: others });
      }
      break;
    case 'reportOrder': {
      const subject = stage.findFor(asker, String(args.user));
      if (subject) await stage.refresh(subject.id);
      break;
    }
    case 'sealChild':
    case 'unsealAccount':
      await stage.refresh((stage.findFor(asker, String(args.user)) as Resident).id);
      break;
    case 'register':
      await stage.refresh(asker.claims()?.sub as string);
      break;
    default:
  }
  if (!self) return;
  const { processorToken } = input;
  await stage.refresh(self.id, typeof processorToken === 'string' ? { token: processorToken } : {});
}
