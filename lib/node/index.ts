export { clusterFromEnv, type Variables } from './cluster-from-env.ts'
