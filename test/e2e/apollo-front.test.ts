import { describeProduct } from './product-suite.ts'

describeProduct('one process', 'apollo')
