#!/usr/bin/env node
/** The command line. Each program is loaded only when it is asked for, and only this file hands it the process. */
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Argument, Command, CommanderError } from 'commander';

// libuv's pool serves jose's signatures and files alike: more threads than cores, so that a flood of the one leaves the other its turn.
process.env['UV_THREADPOOL_SIZE'] ??= String(2 * availableParallelism() + 4);

/** What the shell is told about a command line that can't be understood. */
const USAGE = 2;

/** What an option looks like, wherever it is declared. */
interface OptionSpec {
  readonly flags?: string;
  readonly help: string;
  readonly variable?: string;
  readonly default?: string;
  readonly secret?: true;
}

const gavel = new Command('gavel')
  .description('A private auction house in which nobody has to be trusted further than necessary.')
  .showHelpAfterError('(add --help for what can be said here)')
  .exitOverride();

const word = process.argv[2];
/** The one word that has to know all the others. */
const COMPLETION = 'completion';

/** Declares a program; its own file is read, and its options with it, only where it is the one that is asked for. */
async function program(name: string, summary: string, load: (command: Command) => Promise<void>): Promise<void> {
  const command = gavel.command(name).description(summary).exitOverride();
  if (word === name || word === COMPLETION) await load(command);
}

await program('trusted-service', 'certificates, access tokens, signed time, disclosure', async (command) => {
  const { TRUSTED_SERVICE_SETTINGS } = await import('./trusted-service/config.ts');
  const { CHECK_CONFIG } = await import('./shared/settings.ts');
  withOptions(command, [...Object.values(TRUSTED_SERVICE_SETTINGS), CHECK_CONFIG]).action(async () => {
    const { main } = await import('./trusted-service/main.ts');
    await main(given(command), process.env);
  });
});

await program('rotate', 'rotate a key of a running Trusted Service, or see how its keys stand', async (command) => {
  const { ROTATE_OPTIONS, runRotate } = await import('./trusted-service/commands/rotate.ts');
  withOptions(command.argument('[key]', 'token-signer, timestamp-signer or issuing-ca'), ROTATE_OPTIONS);
  command.action(async (key?: string) => {
    process.exitCode = await runRotate(key, given(command), io());
  });
});

await program('root', "move the root's private key offline", async (command) => {
  const { ROOT_OPTIONS, runRoot } = await import('./trusted-service/commands/root.ts');
  withOptions(command.argument('<export>', 'what to do'), ROOT_OPTIONS);
  command.action(async (what: string) => {
    process.exitCode = await runRoot(what, given(command), io());
  });
});

await program('dms', 'the house: takes bids, closes lots, tells who may know', async (command) => {
  const { DMS_SETTINGS } = await import('./dms/config.ts');
  const { CHECK_CONFIG } = await import('./shared/settings.ts');
  withOptions(command, [...Object.values(DMS_SETTINGS), CHECK_CONFIG]).action(async () => {
    const { main } = await import('./dms/main.ts');
    await main(given(command), process.env);
  });
});

await program('backup', 'the state of a Trusted Service in one file', async (command) => {
  const { BACKUP_OPTIONS, runBackup } = await import('./trusted-service/commands/backup.ts');
  withOptions(command, BACKUP_OPTIONS).action(async () => {
    process.exitCode = await runBackup(given(command), process);
  });
});

await program('restore', 'puts such a backup where no state is', async (command) => {
  const { RESTORE_OPTIONS, runRestore } = await import('./trusted-service/commands/restore.ts');
  withOptions(command, RESTORE_OPTIONS).action(async () => {
    process.exitCode = await runRestore(given(command), process);
  });
});

await program('dms-backup', 'the state of a DMS in one file', async (command) => {
  const { DMS_BACKUP_OPTIONS, runDmsBackup } = await import('./dms/commands/dms-backup.ts');
  withOptions(command, DMS_BACKUP_OPTIONS).action(async () => {
    process.exitCode = await runDmsBackup(given(command), process);
  });
});

await program('dms-restore', 'puts such a backup where no state is', async (command) => {
  const { DMS_RESTORE_OPTIONS, runDmsRestore } = await import('./dms/commands/dms-restore.ts');
  withOptions(command, DMS_RESTORE_OPTIONS).action(async () => {
    process.exitCode = await runDmsRestore(given(command), process);
  });
});

await program('client', 'take part: type commands, or send them as lines', async (command) => {
  const { CLIENT_OPTIONS } = await import('./client/options.ts');
  const { helpText } = await import('./client/commands/help.ts');
  withOptions(command, CLIENT_OPTIONS);
  command.addHelpText('after', `\nCommands that can be typed, or given with -c:\n${helpText()}`);
  command.action(async () => {
    const { runFace } = await import('./client/choose-face.ts');
    process.exitCode = await runFace(given(command), io());
  });
});

await program('doctor', 'look at everything a client needs, and say what to do', async (command) => {
  const { DOCTOR_OPTIONS } = await import('./client/options.ts');
  withOptions(command, DOCTOR_OPTIONS).action(async () => {
    const { runDoctor } = await import('./client/door/doctor/doctor.ts');
    process.exitCode = await runDoctor(given(command), io());
  });
});

await program('bot', 'let a strategy bid, within limits that it can not break', async (command) => {
  const { declareBots } = await import('./client/bots/bot-words.ts');
  const bots = await declareBots(process.argv.slice(3));
  // An option belongs to the strategy before it; one that comes first is for whichever follows.
  withOptions(command.argument('[strategy]', 'its name, or a file with one'), bots.options).enablePositionalOptions();
  for (const { name, summary, options } of bots.strategies) {
    const strategy = withOptions(command.command(name).description(summary).exitOverride(), options);
    strategy.action(async () => {
      process.exitCode = await bots.run(name, { ...given(command), ...given(strategy) }, io());
    });
  }
  command.action(async (strategy?: string) => {
    process.exitCode = await bots.run(strategy, given(command), io());
  });
});

await program('invite', 'make codes with which others may enrol, for the operator', async (command) => {
  const { INVITE_OPTIONS, runInvite } = await import('./trusted-service/commands/invite.ts');
  withOptions(command, INVITE_OPTIONS).action(async () => {
    process.exitCode = await runInvite(given(command), process);
  });
});

await program('audit', 'print the audit journal of a Trusted Service, and verify it', async (command) => {
  const { AUDIT_OPTIONS, runAudit } = await import('./trusted-service/commands/audit.ts');
  withOptions(command, AUDIT_OPTIONS).action(async () => {
    process.exitCode = await runAudit(given(command), process);
  });
});

await program(
  'verify',
  'audit a journal from the root alone: every record, every lot, every price',
  async (command) => {
    const { VERIFY_OPTIONS } = await import('./client/audit/options.ts');
    withOptions(command, VERIFY_OPTIONS).action(async () => {
      const { runVerify } = await import('./client/audit/verify-command.ts');
      process.exitCode = await runVerify(given(command), io());
    });
  },
);

await program('export', 'a journal in one file that verifies offline, or what you can prove', async (command) => {
  const { EXPORT_OPTIONS } = await import('./client/audit/options.ts');
  withOptions(command, EXPORT_OPTIONS).action(async () => {
    const { runExport } = await import('./client/audit/export-command.ts');
    process.exitCode = await runExport(given(command), io());
  });
});

await program('start', 'the whole house on this machine; without a terminal it plays one auction', async (command) => {
  const { START_OPTIONS } = await import('./start/options.ts');
  withOptions(command, START_OPTIONS).action(async () => {
    const { start } = await import('./start.ts');
    const launcher = { runtime: process.execPath, file: fileURLToPath(new URL('gavel.mjs', import.meta.url)) };
    process.exitCode = await start(given(command), io(), launcher);
  });
});

await program('completion', 'the script that teaches a shell these words and options', async (command) => {
  const { completionScript, SHELLS } = await import('./client/door/completion/completion-script.ts');
  const { describeOption } = await import('./client/door/completion/described-program.ts');
  command.addArgument(new Argument('<shell>', 'which shell').choices(SHELLS)).action((shell: string) => {
    const programs = gavel.commands.map((one) => ({
      name: one.name(),
      summary: one.description(),
      options: one.options.map(({ flags, description }) => describeOption(flags, description)),
      words: one.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
    }));
    process.stdout.write(completionScript(shell, programs) ?? '');
  });
});

try {
  if (word === undefined) gavel.help({ error: true });
  await gavel.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  // The sentence has been written already.
  process.exitCode = error.exitCode === 0 ? 0 : USAGE;
}

function withOptions(command: Command, options: readonly OptionSpec[]): Command {
  for (const { flags, help, variable, default: preset, secret } of options) {
    const also = [variable, preset === undefined ? undefined : `default ${preset}`].filter(
      (text) => text !== undefined,
    );
    const text = also.length === 0 ? help : `${help} (${also.join(', ')})`;
    const file = secret === true ? ` or, in a file, ${variable}_FILE` : '';
    if (flags === undefined) command.addHelpText('after', `\n${variable}${file}: ${help}`);
    else command.option(flags, text);
  }
  return command;
}

/** The options that were typed. What was not is for environment variables and defaults to say. */
function given(command: Command): Record<string, unknown> {
  const isTyped = ([name]: [string, unknown]) => command.getOptionValueSource(name) === 'cli';
  return Object.fromEntries(Object.entries(command.opts()).filter(isTyped));
}

/** The process as the client sees it. The first signal asks it to end, the second ends it. */
function io() {
  const quit = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    const onSignal = () => {
      if (!quit.signal.aborted) {
        quit.abort(signal);
        return;
      }
      process.off(signal, onSignal);
      process.kill(process.pid, signal);
    };
    // Stays where it is: while somebody listens, no package ends the process at the first signal.
    process.on(signal, onSignal);
  }
  // Colours are chosen by a package that does not know the variable that everybody else knows.
  if ((process.env['NO_COLOR'] ?? '') !== '') process.env['FORCE_COLOR'] = '0';
  const { stdin, stdout, stderr, env } = process;
  const atExit = (restore: () => void) => void process.once('exit', restore);
  return { stdin, stdout, stderr, env, signal: quit.signal, atExit };
}
