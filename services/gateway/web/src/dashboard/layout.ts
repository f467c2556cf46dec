// layout.ts - where each kecamatan lies on the tile map: a cartogram with one tile a kelurahan, blocks
// placed roughly as the kecamatan lie to each other (Periuk in the north-west, the airport's Benda in the
// north-east, Larangan in the south-east). Columns and rows count from 1; a block is `wide` tiles wide.
export interface Block {
    kecamatan: string;
    column: number;
    wide: number;
    row: number; // band of blocks, from the north
    bands: number;
}

export const MAP_COLUMNS = 13;
export const MAP_BANDS = 5;

export const BLOCKS: readonly Block[] = [
    { kecamatan: "367108", column: 3, wide: 2, row: 1, bands: 1 }, // Periuk
    { kecamatan: "367110", column: 6, wide: 3, row: 1, bands: 1 }, // Neglasari
    { kecamatan: "367104", column: 11, wide: 2, row: 1, bands: 1 }, // Benda
    { kecamatan: "367102", column: 1, wide: 2, row: 2, bands: 1 }, // Jatiuwung
    { kecamatan: "367107", column: 4, wide: 4, row: 2, bands: 1 }, // Karawaci
    { kecamatan: "367101", column: 8, wide: 2, row: 2, bands: 1 }, // Tangerang
    { kecamatan: "367103", column: 11, wide: 3, row: 2, bands: 1 }, // Batuceper
    { kecamatan: "367109", column: 3, wide: 3, row: 3, bands: 1 }, // Cibodas
    { kecamatan: "367105", column: 8, wide: 4, row: 3, bands: 1 }, // Cipondoh
    { kecamatan: "367111", column: 4, wide: 4, row: 4, bands: 1 }, // Pinang
    { kecamatan: "367112", column: 8, wide: 3, row: 4, bands: 1 }, // Karang Tengah
    { kecamatan: "367106", column: 7, wide: 4, row: 5, bands: 1 }, // Ciledug
    { kecamatan: "367113", column: 12, wide: 2, row: 4, bands: 2 }, // Larangan
];
