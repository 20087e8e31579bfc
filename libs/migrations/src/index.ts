export { createMigration, migrate, MigrationError, migrationNames } from './migrate.js';
export {
  createServiceRoles,
  grantConnect,
  prepareDatabase,
  prepareService,
  serviceDatabases,
  serviceUrl,
  withClient,
  type DatabaseService,
  type ServiceDatabase,
  type ServicePasswords,
} from './service-database.js';
