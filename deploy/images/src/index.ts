export { writeArchive, type ImageSettings } from './archive.js';
export { buildImages, saveImages, takeSboms, type BuildParams } from './build-images.js';
export { connectDocker, type Docker } from './docker.js';
export { images, type Image, type ImageName } from './image-list.js';
export { measureImages, type Measured } from './measure-images.js';
export { packImages, type PackParams } from './pack-images.js';
export { lastLineOf, tableOf } from './table.js';
