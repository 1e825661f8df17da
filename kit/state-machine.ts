/** The transitions of an entity's states as a table: what is not listed is refused. */
export interface StateMachine<State extends string> {
  readonly states: readonly State[]
  /** The states that an entity can go to from here. */
  next(state: State): readonly State[]
  /** Why a transition is refused, naming the current and the allowed states; undefined when it is allowed. */
  refusal(from: State, to: State): string | undefined
}

/** Makes the state machine of an entity, which is named in refusals as in `The reservation is HELD …`. */
export function createStateMachine<State extends string>(
  entity: string,
  transitions: Readonly<Record<State, readonly State[]>>,
): StateMachine<State> {
  return {
    states: Object.keys(transitions) as State[],
    next: (state) => transitions[state],
    refusal(from, to) {
      const allowed = transitions[from]
      if (allowed.includes(to)) return undefined
      const choice = allowed.length === 0 ? 'it is final' : `it can go to ${allowed.join(', ')} only`
      return `The ${entity} is ${from} and cannot become ${to}; ${choice}.`
    },
  }
}
