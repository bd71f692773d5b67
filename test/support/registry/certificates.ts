/** A certificate with its key, and the authority that signed it; all PEM. */
export interface IssuedCertificate {
  certificate: string;
  key: string;
  ca: string;
}
