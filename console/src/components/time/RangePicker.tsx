import { lazy } from 'react';
import { OnDemand } from '../OnDemand';
import { rangeText, type TimeRange } from './timeRange';

// Calendars are a tenth of a page: they come when they are asked for, and a button stands in their place.
const RangeCalendar = lazy(async () => ({ default: (await import('./RangeCalendar')).RangeCalendar }));

export function RangePicker(props: { value: TimeRange; onChange: (range: TimeRange) => void }) {
  const text = rangeText(props.value);
  return (
    <OnDemand button={{ iconName: 'calendar', ariaLabel: `Time range: ${text}` }} text={text}>
      <RangeCalendar {...props} />
    </OnDemand>
  );
}
