import { AD_FS } from './ad-fs.ts';
import { AUTH0 } from './auth0.ts';
import { COGNITO } from './cognito.ts';
import { DUENDE } from './duende.ts';
import { ENTRA_V1, ENTRA_V2 } from './entra.ts';
import { GOOGLE } from './google.ts';
import { HOME_MADE } from './home-made.ts';
import { HYDRA } from './hydra.ts';
import { KEYCLOAK } from './keycloak.ts';
import { KUBERNETES } from './kubernetes.ts';
import { OKTA_CUSTOM, OKTA_ORG } from './okta.ts';
import { PINGFEDERATE, PINGONE } from './ping.ts';
import type { Vendor } from './vendor.ts';
import { WSO2 } from './wso2.ts';

/** Every vendor whose tokens are tried. */
export const VENDORS: readonly Vendor[] = [
  AUTH0,
  ENTRA_V2,
  ENTRA_V1,
  AD_FS,
  OKTA_CUSTOM,
  OKTA_ORG,
  COGNITO,
  KEYCLOAK,
  PINGONE,
  PINGFEDERATE,
  DUENDE,
  WSO2,
  KUBERNETES,
  HYDRA,
  GOOGLE,
  HOME_MADE,
];
