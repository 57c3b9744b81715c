/** Both namespaces of a site: that of its tiers, then that of its monitoring. @param name the setting `name` */
export const namespacesOf = ({ name }: { readonly name: string }): [site: string, monitoring: string] => [
  name,
  `${name}${MONITORING}`,
];

/** End of the name of every second namespace. */
export const MONITORING = '-monitoring';
