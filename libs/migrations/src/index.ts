export { createMigration, migrate, MigrationError, migrationNames } from './migrate.js';
export {
  createServiceRoles,
  grantConnect,
  prepareDatabase,
  serviceDatabases,
  serviceUrl,
  withClient,
  type DatabaseService,
  type ServiceDatabase,
  type ServicePasswords,
} from './service-database.js';
