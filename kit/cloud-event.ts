import type { DomainEvent } from './events.ts'

/** An event as others are told of it: CloudEvents 1.0.2 in JSON, https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md */
export interface CloudEvent {
  readonly specversion: '1.0'
  readonly id: string
  readonly source: string
  readonly type: string
  readonly subject: string
  /** RFC 3339. */
  readonly time: string
  readonly datacontenttype: 'application/json'
  /** The position as the extension `sequence` has it: a text that sorts like the number. */
  readonly sequence: string
  readonly data: DomainEvent['data']
}

/** As many digits as the largest safe integer has. */
const sequenceDigits = 16

/** The envelope of an event for readers outside. Who else may learn of it is nobody's business there. */
export function toCloudEvent({ id, position, source, type, subject, time, data }: DomainEvent): CloudEvent {
  return {
    specversion: '1.0',
    id,
    source: `/${source}`,
    type,
    subject,
    time: time.toISOString(),
    datacontenttype: 'application/json',
    sequence: String(position).padStart(sequenceDigits, '0'),
    data,
  }
}
