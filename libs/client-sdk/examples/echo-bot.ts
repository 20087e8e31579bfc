/**
 * A bot that answers every message with the same text. Run it twice: the second time it goes on where it was.
 *
 *     node echo-bot.ts https://chat.example.org echo-bot
 */
import { CipherChat, NoProfileError } from '@cipherchat/client-sdk';
import { openSqliteStore } from '@cipherchat/client-sdk/sqlite';

const [serverUrl = 'http://127.0.0.1:7001', username = 'echo-bot'] = process.argv.slice(2);
const file = `${username}.db`;

async function openOrRegister(): Promise<CipherChat> {
  try {
    return await CipherChat.open({ store: openSqliteStore({ file }) });
  } catch (error) {
    if (!(error instanceof NoProfileError)) throw error;
    return CipherChat.register({ store: openSqliteStore({ file }), serverUrl, username });
  }
}

const bot = await openOrRegister();
bot.on('connection', (state) => console.log(`connection: ${state.kind}`));
bot.on('message', (message) => {
  if (message.own || message.body.kind !== 'text') return;
  const conversation = bot.conversation(message.conversation);
  void conversation.send(message.body.text).then(() => conversation.markRead());
});
console.log(`${bot.self.username} answers`);
process.once('SIGINT', () => void bot.close());
