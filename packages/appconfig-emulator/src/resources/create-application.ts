import { checkQuota } from '../store/quota.ts';
import type { Application, Store } from '../store/store.ts';

/** @throws {AwsError} ServiceQuotaExceededException. Names need not be unique: AWS documents no such rule. */
export function createApplication(store: Store, name: string, description?: string): Application {
  checkQuota('applications', store.applications.size);
  const application = {
    id: store.nextId(),
    name,
    description,
    environments: new Map(),
    profiles: new Map(),
  };
  store.applications.set(application.id, application);
  return application;
}
