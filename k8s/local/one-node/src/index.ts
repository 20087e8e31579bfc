export { buildPrograms } from './build-programs.js';
export { bringUp, clusterState, loadImage } from './cluster.js';
export { clusterEnvironment } from './kubectl.js';
export { kubeconfigFile } from './layout.js';
export { removeCluster } from './leftovers.js';
export { edgeProgram, whyNoCluster } from './programs.js';
