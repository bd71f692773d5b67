/** The name of the folder for all that this package writes beside a program; it is never taken for a part of a chart. */
export const OWN_FOLDER = ".chart-mirror";
