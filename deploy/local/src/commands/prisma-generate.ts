import { runCommand } from '../command-line.js';
import { generateClients } from '../generate-clients.js';

await runCommand(async () => {
  const services = await generateClients();
  console.log(
    services.length === 0
      ? 'The Prisma clients are up to date.'
      : `Generated Prisma clients: ${services.join(', ')}.`,
  );
});
