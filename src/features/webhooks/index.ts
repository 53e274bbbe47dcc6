import type { Signal } from '../../base/signal.ts';
import { createNoticePushes } from '../../store/mongo/repositories/notice-pushes.ts';
import type { Partners } from '../../store/mongo/repositories/partners.ts';
import { createWebhookRecords } from '../../store/mongo/repositories/webhooks.ts';
import type { Core } from '../core.ts';
import type { ErasureNotices } from '../erasure/notices.ts';
import type { EventForm } from '../erasure/partner-event.ts';
import type { StoredNotice } from '../erasure/stored-notice.ts';
import { feature } from '../feature.ts';
import { createDispatcher, type Dispatcher } from './dispatcher.ts';
import { createWebhookKeys } from './message.ts';
import { createWebhooks, type Webhooks } from './operations.ts';
import { createPost } from './post.ts';
import { defineWebhooks } from './schema.ts';

interface Needs extends Core {
  readonly partners: Partners;
  readonly eventOf: EventForm;
  readonly erasureNotices: Pick<ErasureNotices, 'notifyLeftovers'>;
  readonly noticesPlaced: Signal<readonly string[]>;
}

export const webhooks = feature({
  operations: (needs: Needs) => {
    const { store, reach, takenBack, erasureNotices, noticesPlaced } = needs;
    const records = createWebhookRecords(store);
    const pushes = createNoticePushes<StoredNotice>(store);
    const keys = createWebhookKeys(needs.sharedSecret);
    const webhookDispatcher = createDispatcher({
      ...{ ...needs, webhooks: records, pushes, keys, post: createPost(reach) },
      placeNotices: erasureNotices.notifyLeftovers,
    });
    takenBack.listen(webhookDispatcher.follow);
    noticesPlaced.listen((recipients) => void webhookDispatcher.wake(recipients));
    const dispatcher = webhookDispatcher;
    return { webhookDispatcher, webhooks: createWebhooks({ ...needs, webhooks: records, pushes, keys, dispatcher }) };
  },
  fields: defineWebhooks,
  sweeps: (services) => [() => services.webhookDispatcher.wake()],
});

declare module '../../graphql/context.ts' {
  interface Services {
    readonly webhooks: Webhooks;
    readonly webhookDispatcher: Dispatcher;
  }
}
