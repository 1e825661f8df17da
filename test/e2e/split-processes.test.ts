import { describeProduct } from './product-suite.ts'

describeProduct('split processes')
