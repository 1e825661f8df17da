/** The accounts that it begins with: two organizations of the demo. Put yours here. */
export const seeds = [
  { id: 'loy_northwind', organizationId: 'org_9a5wjydrhsx5fjnk', points: 1_250 },
  { id: 'loy_contoso', organizationId: 'org_eqqd7kvkqb2fsm6v', points: 40 },
]
