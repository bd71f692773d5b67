/** What this package writes beside a program lies in a folder of this name: it is no part of a chart around it. */
export const OWN_FOLDER = ".chart-mirror";
