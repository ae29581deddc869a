/** A key, as the prompt and the screen know it. */
export type KeyPress =
  | { readonly name: 'text'; readonly text: string; readonly pasted?: true }
  | {
      readonly name:
        | 'left'
        | 'right'
        | 'up'
        | 'down'
        | 'home'
        | 'end'
        | 'backspace'
        | 'delete'
        | 'enter'
        | 'tab'
        | 'escape'
        | 'page-up'
        | 'page-down';
      readonly ctrl?: true;
      readonly meta?: true;
      readonly shift?: true;
    }
  | { readonly name: 'chord'; readonly key: string; readonly ctrl?: true; readonly meta?: true };
