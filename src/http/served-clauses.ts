/** The clauses that plain HTTP routes serve, by route: what `policy coverage` reads beside the schema. */
export const HTTP_SERVES: Readonly<Record<string, readonly string[]>> = {
  'GET /.well-known/gpc.json': ['ads.opt-out'],
  'POST /unsubscribe/<token>': ['newsletters.opt-out', 'communications.social', 'blog.unsubscribe'],
  'POST /verify/<token>': ['blog.subscription', 'registration.contact'],
};
