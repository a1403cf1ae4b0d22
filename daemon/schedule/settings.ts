import { type ScheduleSet, scheduleSet } from '../../shared/schedule-views.ts';
import { rows, table } from '../config/table.ts';
import { AppError } from '../errors.ts';
import type { Log } from '../log.ts';
import { type SettingName, listSettings, saveSettings } from '../store/settings.ts';
import type { Store } from '../store/store.ts';
import type { ScheduleRules, ScheduleSource } from './rules.ts';

export interface ScheduleSettingsOptions {
  readonly store: Pick<Store, 'query' | 'change'>;
  /** As the configuration has them. */
  readonly configured: ScheduleRules;
  /** Local milliseconds. */
  readonly now: () => number;
  readonly log: Log;
}

type Rule = keyof ScheduleRules;

/** What a person has set. */
interface Setting {
  /** As it was written. */
  readonly written: string | boolean;
  readonly changedAt: number;
}

const prefix = 'schedule.';
const shape = table.shape.schedule.shape;
const isRule = (name: string): name is Rule => Object.hasOwn(shape, name);

/** The rules with the names of their rows in the store, which are their keys in the configuration. */
const named = rows.flatMap(({ key, section, property }): { readonly rule: Rule; readonly name: SettingName }[] =>
  section === 'schedule' && isRule(property) ? [{ rule: property, name: `schedule.${key.slice(prefix.length)}` }] : [],
);

/** What is wrong with a value, by the kinds of the configuration. */
const problemOf = (rule: Rule, written: string | boolean): string | undefined =>
  shape[rule].safeParse(written).error?.issues[0]?.message;

/**
 * The schedule in force: what a person has set stands over the configuration, at once and over restarts, until it is
 * taken back.
 */
export class ScheduleSettings implements ScheduleSource {
  readonly #options: ScheduleSettingsOptions;
  #settings: ReadonlyMap<Rule, Setting> = new Map();
  #rules: ScheduleRules;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(options: ScheduleSettingsOptions) {
    this.#options = options;
    this.#rules = options.configured;
  }

  /** As it was left. A row that is not allowed does not count, with a line in the log. @throws AppError `store`. */
  static async load(options: ScheduleSettingsOptions): Promise<ScheduleSettings> {
    const { store, log } = options;
    const known = new Map<Rule, Setting>();
    for (const { name, value, changedAt } of await store.query(listSettings, prefix)) {
      const rule = named.find((one) => one.name === name)?.rule;
      const problem = rule === undefined ? 'is no key of the schedule' : problemOf(rule, value);
      if (rule === undefined || problem !== undefined)
        log.warn({ name, value, problem }, `${name} in the table settings is ignored: ${problem}`);
      else known.set(rule, { written: rule === 'adaptive' ? shape[rule].parse(value) : value, changedAt });
    }
    const settings = new ScheduleSettings(options);
    settings.#hold(known);
    return settings;
  }

  get rules(): ScheduleRules {
    return this.#rules;
  }

  /** What was changed, as it was written. */
  get set(): ScheduleSet {
    return scheduleSet.parse(Object.fromEntries([...this.#settings].map(([rule, { written }]) => [rule, written])));
  }

  changedAt(rule: Rule): number | undefined {
    return this.#settings.get(rule)?.changedAt;
  }

  /**
   * All of it or nothing. null takes back what was set; what is left out stays as it is.
   * @throws AppError `invalid_params` that names the key and what is allowed, or `store`; then nothing has changed.
   */
  change(changes: ScheduleSet): Promise<void> {
    const turn = this.#turn.then(() => this.#change(changes));
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #change(changes: ScheduleSet): Promise<void> {
    const { store, now } = this.#options;
    const known = new Map(this.#settings);
    const stored: { readonly name: SettingName; readonly value: string | undefined }[] = [];
    for (const { rule, name } of named) {
      const written = changes[rule];
      if (written === undefined) continue;
      if (written === null) known.delete(rule);
      else {
        const problem = problemOf(rule, written);
        if (problem !== undefined)
          throw new AppError('usage', 'invalid_params', `Invalid params: ${rule}: ${problem}`, {
            hint: `null (at the shell: default) takes back what was set, so that ${name} of the configuration stands`,
          });
        known.set(rule, { written, changedAt: now() });
      }
      stored.push({ name, value: written?.toString() });
    }
    if (stored.length === 0) return;
    await store.change(saveSettings, stored, now());
    this.#hold(known);
  }

  #hold(settings: ReadonlyMap<Rule, Setting>): void {
    const over = Object.fromEntries([...settings].map(([rule, { written }]) => [rule, shape[rule].parse(written)]));
    this.#settings = settings;
    this.#rules = Object.freeze({ ...this.#options.configured, ...over });
  }
}
