/**
 * Claims that are data about a person (OpenID Connect Core §5.1 and §5.4, AD FS and Entra ID, Cognito, LDAP groups). They
 * belong into userinfo or an ID token: an access token travels to every API and into its logs.
 */
const PERSONAL: ReadonlySet<string> = new Set(
  `address birthdate dateofbirth email emailaddress email_verified emails family_name familyname firstname gender given_name
   givenname groups homephone ipaddr lastname locale locality mail middle_name mobile mobilephone name nickname phone
   phone_number phone_number_verified photo picture postal_code postalcode preferred_username profile sn
   streetaddress surname unique_name upn user_email user_name username verified_primary_email website zoneinfo`.split(
    /\s+/,
  ),
);

/** Whether a claim is data about a person, also under a name such as `https://example.com/email` or `custom:phone`. */
export function isPersonalClaim(name: string): boolean {
  const last = name.split(/[/:#]/).at(-1) ?? name;
  return PERSONAL.has(last.toLowerCase());
}
