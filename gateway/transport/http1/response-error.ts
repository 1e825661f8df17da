/** An answer whose frame is wrong or doubtful: whose answer it is cannot be told, and its connection must end. */
export class ResponseError extends Error {
  override readonly name = 'ResponseError'
}
