import { seededId } from '../../../kit/ids.ts'
import type { ExtraField, ExtraFieldTarget } from '../extra-fields/extra-fields.ts'
import type { ExtraFieldRules } from '../extra-fields/value-rules.ts'

const noRules: ExtraFieldRules = {
  minLength: null,
  maxLength: null,
  minimum: null,
  maximum: null,
  earliest: null,
  latest: null,
  options: [],
}

function field(
  target: ExtraFieldTarget,
  key: string,
  rest: Pick<ExtraField, 'label' | 'type'> & Partial<ExtraField>,
): ExtraField {
  return {
    _id: seededId('ExtraField', `${target}:${key}`),
    target,
    key,
    help: null,
    required: false,
    position: 0,
    rules: noRules,
    visibleTo: 'PARTNER',
    editableBy: 'PARTNER',
    retired: false,
    version: 1,
    ...rest,
  }
}

/** What the demo's operator asks of its partners besides. */
export const seededExtraFields: readonly ExtraField[] = [
  field('ORGANIZATION', 'vatId', {
    label: 'VAT number',
    type: 'TEXT',
    position: 10,
    rules: { ...noRules, maxLength: 20 },
  }),
  field('ORGANIZATION', 'employees', {
    label: 'Employees',
    type: 'NUMBER',
    position: 20,
    rules: { ...noRules, minimum: '1' },
  }),
  field('ORGANIZATION', 'industry', {
    label: 'Main industry of your customers',
    type: 'SELECT',
    position: 30,
    rules: { ...noRules, options: ['Manufacturing', 'Public sector', 'Health', 'Retail', 'Other'] },
  }),
  field('ORGANIZATION', 'creditLimit', {
    label: 'Credit limit in euros',
    type: 'NUMBER',
    position: 40,
    visibleTo: 'OPERATOR',
    editableBy: 'OPERATOR',
  }),
  field('MEMBER', 'phone', { label: 'Phone', type: 'TEXT', position: 10, rules: { ...noRules, maxLength: 40 } }),
  field('MEMBER', 'newsletter', { label: 'Gets the partner newsletter', type: 'BOOLEAN', position: 20 }),
  field('APP', 'supportEmail', { label: 'Support address', type: 'EMAIL', position: 10 }),
  field('APP', 'privacyUrl', { label: 'Privacy notice', type: 'URL', position: 20 }),
]
