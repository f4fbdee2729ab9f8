/** One version of a configuration in the hosted configuration store. It never changes. */
export interface HostedVersion {
  readonly number: number;
  readonly content: Buffer;
  readonly contentType: string;
  readonly description?: string | undefined;
  readonly label?: string | undefined;
}
