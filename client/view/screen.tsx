/** One frame as Ink draws it: a box of exactly the terminal's size, and one text for each row. */
import { styleText } from 'node:util';
import { Box, Text, Transform, useCursor, useInput, usePaste } from 'ink';
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

/**
 * Rows that say the same are not looked at again: of fifty rows one or two change. Ink measures one blank in the place of a row,
 * and gets the row when that is done: it would go through all its text three times more with every paint of any row, character
 * by character, which was about half of a paint. Nothing has to be measured: rows come here cut to the width of the terminal.
 */
const RowText = memo(
  ({ row }: { readonly row: Row }) => {
    const line = painted(row);
    return (
      <Transform transform={() => line}>
        <Text> </Text>
      </Transform>
    );
  },
  ({ row: before }, { row: after }) => before === after || isSame(before, after),
);

function isSame(before: Row, after: Row): boolean {
  return (
    before.length === after.length &&
    before.every(({ text, style }, index) => text === after[index]?.text && style === after[index]?.style)
  );
}

/** One text with its colours, where the environment lets the terminal have any. */
function painted(row: Row): string {
  return row.map(({ text, style }) => (style === undefined ? text : styleText(LOOKS[style], text))).join('');
}

/** The sixteen colours that every terminal has in its own theme. */
const LOOKS: { readonly [Name in Style]: Parameters<typeof styleText>[0] } = {
  faint: 'dim',
  strong: 'bold',
  accent: 'cyan',
  good: 'green',
  bad: ['bold', 'red'],
  warn: 'yellow',
  title: ['inverse', 'bold'],
  sim: ['bold', 'bgYellow', 'black'],
  alarm: ['bold', 'bgRed', 'white'],
};
