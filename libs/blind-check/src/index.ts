export { Detector, type Finding } from './detector/detector.js';
export { plantLeaks, type MissedPlant, type PlantResult } from './detector/plants.js';
export { keySecret, places, textSecret, type Captured, type Place, type Secret } from './detector/secret.js';
