import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import { fieldName } from '../../aws/queries';
import { meaningOf, type Meaning } from '../logs/entry';
import { firstQuery } from './address';

interface Sample {
  name: string;
  text: string;
}

/** Queries that people ask of an access log, by the fields that the log groups have. */
function samples(fields: readonly string[]): Sample[] {
  const named = (meaning: Meaning, usual: string) => fieldName(fields.find((f) => meaningOf(f) === meaning) ?? usual);
  const status = named('status', 'status');
  const path = named('path', 'resourcePath');
  const ip = named('ip', 'ip');
  const latency = named('latency', 'responseLatency');
  return [
    { name: 'The newest entries', text: firstQuery },
    { name: 'Requests by status', text: `stats count(*) as requests by ${status}\n| sort requests desc` },
    { name: 'Requests over time, by status', text: `stats count(*) as requests by bin(5m), ${status}` },
    { name: 'Server errors by path', text: `filter ${status} >= 500\n| stats count(*) as errors by ${path}\n| sort errors desc\n| limit 20` },
    { name: 'Callers with the most requests', text: `stats count(*) as requests by ${ip}\n| sort requests desc\n| limit 10` },
    { name: 'Latency by path', text: `stats count(*) as requests, avg(${latency}) as average, pct(${latency}, 99) as p99 by ${path}\n| sort p99 desc` },
    { name: 'Latency over time', text: `stats pct(${latency}, 50) as p50, pct(${latency}, 90) as p90, pct(${latency}, 99) as p99 by bin(1m)` },
    { name: 'The slowest requests', text: `fields @timestamp, ${path}, ${status}, ${latency}\n| sort ${latency} desc\n| limit 20` },
  ];
}

export function Samples({ fields, onChoose }: { fields: readonly string[]; onChoose: (text: string) => void }) {
  const all = samples(fields);
  return (
    <ButtonDropdown items={all.map((s, i) => ({ id: String(i), text: s.name }))} onItemClick={(e) => onChoose(all[Number(e.detail.id)]!.text)}>
      Sample queries
    </ButtonDropdown>
  );
}
