// A certified OpenID Connect provider on loopback, for the long tests: node provider.mjs PORT CLIENT SECRET REDIRECT.
// Its people stand in the environment variable PEOPLE, as JSON: an object of claims by subject.
import { Provider } from "oidc-provider";

const [port, client, secret, redirect] = process.argv.slice(2);
const people = JSON.parse(process.env.PEOPLE);

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{ client_id: client, client_secret: secret, redirect_uris: [redirect] }],
  cookies: { keys: ["only for tests"] },
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name", "groups"] },
  pkce: { required: () => true },
  findAccount: (_context, subject) => ({
    accountId: subject,
    claims: () => ({ sub: subject, ...people[subject] }),
  }),
});
provider.listen(Number(port), "127.0.0.1");
