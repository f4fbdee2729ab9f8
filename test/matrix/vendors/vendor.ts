import type { SideOptions } from '@crossfade/validator';

export type Claims = Readonly<Record<string, unknown>>;

/** A token as a page of its vendor shows or describes it. */
export interface VendorToken {
  readonly name: string;
  /** The page that documents its claims. */
  readonly source: string;
  /** Header parameters besides `alg` and `kid`. Absent: `typ: JWT`. */
  readonly header?: Claims;
  /** Added to `iss`, `iat` and `exp`. */
  readonly claims: Claims;
}

/** An API of a vendor's customer, and the access tokens that it takes. */
export interface VendorApi {
  readonly name: string;
  readonly side: SideOptions;
  /** The client ids that an operator lists for it, where they are fewer than all of the vendor's. */
  readonly clients?: readonly string[];
  readonly access: readonly VendorToken[];
}

/** One identity provider, or one of its token formats. */
export interface Vendor {
  readonly name: string;
  /** The `iss` of its tokens, unless their claims say otherwise. */
  readonly issuer: string;
  /** The client ids that an operator lists. */
  readonly clients: readonly string[];
  readonly apis: readonly VendorApi[];
  /** ID tokens of the first client. */
  readonly id: readonly VendorToken[];
  /** Refresh and logout tokens that are JWTs. */
  readonly other?: readonly VendorToken[];
}

const NOW_SECONDS = Math.floor(Date.now() / 1000);

/** When tokens are issued here, in seconds, and when the user had logged in. */
export const ISSUED_AT = NOW_SECONDS - 60;
export const AUTH_TIME = NOW_SECONDS - 120;

/** A version 4 UUID that stands for an object of a tenant. */
export function guid(number: number): string {
  return `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
}
