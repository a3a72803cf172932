export { clusterFromEnv, type Variables } from './node/cluster-from-env.ts'
