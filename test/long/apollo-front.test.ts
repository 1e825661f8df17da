import { describeProduct } from '../e2e/product-suite.ts'

describeProduct('one process', 'apollo')
