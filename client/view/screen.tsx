/** One frame as Ink draws it: a box of exactly the terminal's size, and one text for each row. */
import { Box, Text, useCursor, useInput, usePaste } from 'ink';
import { memo, type ReactNode } from 'react';
import type { KeyPress } from '../prompt/key-press.ts';
import type { Frame, Row, Style } from '../screen/frame.ts';
import { keysOf, pasteOf } from '../screen/key-of.ts';

export interface ScreenProps {
  readonly frame: Frame;
  readonly onKey: (key: KeyPress) => void;
}

export function Screen({ frame, onKey }: ScreenProps): ReactNode {
  const { setCursorPosition } = useCursor();
  setCursorPosition(frame.cursor);
  useInput((input, key) => {
    for (const press of keysOf(input, key)) onKey(press);
  });
  usePaste((text) => onKey(pasteOf(text)));
  return <FrameBox frame={frame} />;
}

/** The picture alone, for whoever has no keyboard. */
export function FrameBox({ frame }: { readonly frame: Frame }): ReactNode {
  return (
    <Box flexDirection="column" width={frame.columns} height={frame.rows.length}>
      {frame.rows.map((row, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a row of a terminal is its place
        <RowText key={index} row={row} />
      ))}
    </Box>
  );
}

/** Rows that say the same are not looked at again: of fifty rows one or two change. */
const RowText = memo(
  ({ row }: { readonly row: Row }) => (
    <Text wrap="truncate">
      {row.length === 0
        ? ' '
        : row.map(({ text, style }, index) =>
            style === undefined ? (
              text
            ) : (
              // biome-ignore lint/suspicious/noArrayIndexKey: a span is its place in the row
              <Text key={index} {...LOOKS[style]}>
                {text}
              </Text>
            ),
          )}
    </Text>
  ),
  ({ row: before }, { row: after }) => before === after || isSame(before, after),
);

function isSame(before: Row, after: Row): boolean {
  return (
    before.length === after.length &&
    before.every(({ text, style }, index) => text === after[index]?.text && style === after[index]?.style)
  );
}

type Look = { readonly [Property in 'color' | 'backgroundColor']?: string } & {
  readonly bold?: boolean;
  readonly dimColor?: boolean;
  readonly inverse?: boolean;
};

/** The sixteen colours that every terminal has in its own theme. */
const LOOKS: { readonly [Name in Style]: Look } = {
  faint: { dimColor: true },
  strong: { bold: true },
  accent: { color: 'cyan' },
  good: { color: 'green' },
  bad: { color: 'red', bold: true },
  warn: { color: 'yellow' },
  title: { bold: true, inverse: true },
  sim: { color: 'black', backgroundColor: 'yellow', bold: true },
  alarm: { color: 'white', backgroundColor: 'red', bold: true },
};
