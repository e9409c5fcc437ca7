/** Whose certificates a client accepts. */
export interface Trust {
  /** False: any certificate will do. */
  readonly isChecked: boolean;
  /** Certificates of authorities, in PEM, in place of those Node knows; null for these. */
  readonly ca: string | null;
}
