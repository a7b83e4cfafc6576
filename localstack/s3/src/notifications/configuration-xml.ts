// The notification configuration as XML documents carry it.
import { S3Error } from '../errors.ts';
import { childNodes, childText, childTexts, element, type XmlElement, type XmlNode } from '../http/xml.ts';
import { KNOWN_EVENTS, type NotificationRule } from './configuration.ts';

const OTHER_TARGETS = ['TopicConfiguration', 'CloudFunctionConfiguration', 'EventBridgeConfiguration'];

export interface ParseOptions {
  readonly targetArns: ReadonlySet<string>;
  /** Names a rule that comes without an id. */
  readonly newId: () => string;
}

/** @throws S3Error InvalidArgument, MalformedXML, or NotImplemented for targets other than queues. */
export function parseNotificationConfiguration(root: XmlNode, options: ParseOptions): NotificationRule[] {
  const other = OTHER_TARGETS.find((name) => root[name] !== undefined);
  if (other !== undefined)
    throw new S3Error('NotImplemented', `expected QueueConfigurations, got a ${other}`);
  const rules = childNodes(root, 'QueueConfiguration').map((node) => parseRule(node, options));
  const ids = new Set(rules.map((rule) => rule.id));
  if (ids.size < rules.length)
    throw new S3Error('InvalidArgument', 'expected a different Id for each configuration');
  return rules;
}

function parseRule(node: XmlNode, { targetArns, newId }: ParseOptions): NotificationRule {
  const queueArn = childText(node, 'Queue') ?? '';
  if (!targetArns.has(queueArn)) {
    const known = [...targetArns].join(', ') || 'none';
    throw new S3Error(
      'InvalidArgument',
      `expected the ARN of a target (${known}), got ${JSON.stringify(queueArn)}`,
    );
  }
  const events = childTexts(node, 'Event');
  const unknown = events.find((event) => !KNOWN_EVENTS.has(event));
  if (unknown !== undefined || events.length === 0) {
    throw new S3Error(
      'InvalidArgument',
      `expected events of ${[...KNOWN_EVENTS].join(', ')}, got ${JSON.stringify(unknown)}`,
    );
  }
  const id = childText(node, 'Id') ?? '';
  return { id: id === '' ? newId() : id, queueArn, events, ...parseFilter(node) };
}

function parseFilter(node: XmlNode): { prefix: string; suffix: string } {
  const values = { prefix: '', suffix: '' };
  const rules = childNodes(node, 'Filter')
    .flatMap((filter) => childNodes(filter, 'S3Key'))
    .flatMap((key) => childNodes(key, 'FilterRule'));
  const seen = new Set<string>();
  for (const rule of rules) {
    const name = childText(rule, 'Name')?.toLowerCase();
    if ((name !== 'prefix' && name !== 'suffix') || seen.has(name)) {
      throw new S3Error(
        'InvalidArgument',
        `expected one filter rule each named prefix and suffix, got ${JSON.stringify(name)}`,
      );
    }
    seen.add(name);
    values[name] = childText(rule, 'Value') ?? '';
  }
  return values;
}

export function notificationElements(rules: readonly NotificationRule[]): XmlElement {
  return element('NotificationConfiguration', rules.map(ruleElement));
}

function ruleElement(rule: NotificationRule): XmlElement {
  const filters = (['prefix', 'suffix'] as const)
    .filter((name) => rule[name] !== '')
    .map((name) => element('FilterRule', [element('Name', name), element('Value', rule[name])]));
  return element('QueueConfiguration', [
    element('Id', rule.id),
    element('Queue', rule.queueArn),
    ...rule.events.map((event) => element('Event', event)),
    ...(filters.length === 0 ? [] : [element('Filter', [element('S3Key', filters)])]),
  ]);
}
