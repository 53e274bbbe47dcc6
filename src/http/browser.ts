/** Whether a person opened the address in a browser: a client of the API that would also take HTML names JSON as well. */
export function isFromAddressBar({ headers }: Pick<Request, 'headers'>): boolean {
  const accept = headers.get('accept') ?? '';
  return accept.includes('text/html') && !accept.includes('json');
}
