const mark = Symbol('guards')

/** Who has wrapped a function. */
export type Guard = 'shield' | 'tenancy'

type Marked = object & { readonly [mark]?: readonly Guard[] }

/** Says on functions by whom they are guarded, so that a check can prove it on the schema that runs. */
export const guardMark = {
  /** Marks `guarded`, which calls `inner` and so keeps the marks of that. */
  set<Guarded extends object>(guarded: Guarded, guard: Guard, inner?: Marked): Guarded {
    return Object.assign(guarded, { [mark]: [...(inner?.[mark] ?? []), guard] })
  },
  has: (guarded: Marked | null | undefined, guard: Guard): boolean => guarded?.[mark]?.includes(guard) ?? false,
}
