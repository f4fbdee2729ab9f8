const OURS = /^crossfade-r(.+)-v\d+$/;

/**
 * The label of a hosted version that Crossfade writes. It carries the document's revision past AppConfig, which strips
 * the attributes, the revision among them, off a disabled flag. Labels are unique in a profile, hence the version.
 */
export function versionLabel(revision: string, versionNumber: number): string {
  return `crossfade-r${revision}-v${versionNumber}`;
}

/** The revision that a version label carries; a label that Crossfade did not write is a revision itself. */
export function revisionOfLabel(label: string | null): string | null {
  return label === null ? null : (OURS.exec(label)?.[1] ?? label);
}
