/** A method's place, as its operations name it. */
export interface MethodAt {
  restApiId: string;
  resourceId: string;
  httpMethod: string;
}
