import DateRangePicker, { type DateRangePickerProps } from '@cloudscape-design/components/date-range-picker';
import { rangeProblem, rangeText, type TimeRange } from './timeRange';

const choices: [number, 'minute' | 'hour' | 'day'][] = [[5, 'minute'], [15, 'minute'], [1, 'hour'], [3, 'hour'], [12, 'hour'], [1, 'day'], [7, 'day'], [30, 'day']];

const relativeOptions: DateRangePickerProps.RelativeOption[] = choices.map(([amount, unit]) => ({
  key: `${amount}${unit}`, amount, unit, type: 'relative',
}));

const texts: DateRangePickerProps.I18nStrings = {
  relativeModeTitle: 'Relative',
  absoluteModeTitle: 'Absolute',
  relativeRangeSelectionHeading: 'The last',
  customRelativeRangeOptionLabel: 'Other',
  customRelativeRangeOptionDescription: 'Any length up to now',
  customRelativeRangeDurationLabel: 'Length',
  customRelativeRangeDurationPlaceholder: 'A number',
  customRelativeRangeUnitLabel: 'Unit',
  formatRelativeRange: (range) => rangeText({ ...range, type: 'relative' }),
  formatUnit: (unit, amount) => (amount === 1 ? unit : `${unit}s`),
  startDateLabel: 'Start date',
  startTimeLabel: 'Start time',
  endDateLabel: 'End date',
  endTimeLabel: 'End time',
  dateTimeConstraintText: 'Times are of your zone, 24 hours.',
  applyButtonLabel: 'Apply',
  cancelButtonLabel: 'Cancel',
  clearButtonLabel: 'Clear',
  modeSelectionLabel: 'Kind of range',
  todayAriaLabel: 'Today',
  nextMonthAriaLabel: 'Next month',
  previousMonthAriaLabel: 'Previous month',
  errorIconAriaLabel: 'Error',
};

export function RangeCalendar({ value, onChange }: { value: TimeRange; onChange: (range: TimeRange) => void }) {
  return (
    <DateRangePicker
      value={value.type === 'relative' ? { ...value, key: `${value.amount}${value.unit}` } : value}
      onChange={(e) => e.detail.value && onChange(plain(e.detail.value))}
      relativeOptions={relativeOptions}
      isValidRange={(v) => {
        const problem = v ? rangeProblem(plain(v)) : 'Choose a range.';
        return problem ? { valid: false, errorMessage: problem } : { valid: true };
      }}
      i18nStrings={texts}
      ariaLabel="Time range"
      showClearButton={false}
      absoluteFormat="iso"
      hideTimeOffset
      placeholder="Time range"
    />
  );
}

function plain(v: DateRangePickerProps.Value): TimeRange {
  return v.type === 'relative' ? { type: v.type, amount: v.amount, unit: v.unit } : { type: v.type, startDate: v.startDate, endDate: v.endDate };
}
