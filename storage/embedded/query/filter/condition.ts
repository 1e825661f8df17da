import type { Doc } from '../bson.ts'
import { compileAnyAt, type LeafArrays } from '../field-path.ts'

/** Decides about one value found at a path; undefined stands for a missing one. */
export type ValueTest = (value: unknown) => boolean

/** Decides about one document. */
export type DocTest = (doc: Doc) => boolean

/** One of the values at the path passes the test; `aboutArray` where no single element of an array decides. */
export type SomeCondition = { kind: 'some'; leafArrays: LeafArrays; test: ValueTest; aboutArray?: true }

/** What the operators under one field ask for, before it is known whether a path or an array element is asked. */
export type Condition = SomeCondition | { kind: 'not'; of: Condition } | { kind: 'and'; of: readonly Condition[] }

/** A condition that one of the values at the path, arrays entered, passes the test. */
export function someValue(test: ValueTest): SomeCondition {
  return { kind: 'some', leafArrays: 'traverse', test }
}

/** A condition on the value at the path as it is, an array included. */
export function wholeValue(test: ValueTest): SomeCondition {
  return { kind: 'some', leafArrays: 'whole', test }
}

/** A condition that the other does not hold. */
export function not(of: Condition): Condition {
  return { kind: 'not', of }
}

/** Compiles a condition for a path in a document. */
export function conditionAtPath(path: string, condition: Condition): DocTest {
  if (condition.kind === 'some') return compileAnyAt(path, condition.leafArrays, condition.test)
  if (condition.kind === 'and') return allOf(condition.of.map((inner) => conditionAtPath(path, inner)))
  const inner = conditionAtPath(path, condition.of)
  return (doc) => !inner(doc)
}

/** Compiles a condition for one array element, which is taken as it is. */
export function conditionOnElement(condition: Condition): ValueTest {
  if (condition.kind === 'some') return condition.test
  if (condition.kind === 'and') return allOf(condition.of.map(conditionOnElement))
  const inner = conditionOnElement(condition.of)
  return (value) => !inner(value)
}

/** True when every test accepts. */
export function allOf<T>(tests: readonly ((value: T) => boolean)[]): (value: T) => boolean {
  const [first, second] = tests
  if (first === undefined) return () => true
  if (second === undefined) return first
  if (tests.length === 2) return (value) => first(value) && second(value)
  return (value) => tests.every((test) => test(value))
}
