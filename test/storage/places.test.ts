import { expect, test } from 'vitest'
import { startServer } from './embedded-server.ts'

test('$near orders by distance on the plane, between two limits, and takes other conditions and a sort', async () => {
  await using server = await startServer()
  const shops = (await server.connect()).collection<{ _id: string; at?: unknown; open?: boolean }>('shops')
  await shops.createIndex({ at: '2d' })
  await shops.insertMany([
    { _id: 'far', at: [30, 40], open: true },
    { _id: 'near', at: { lng: 3, lat: 4 }, open: true },
    { _id: 'here', at: [0, 0], open: false },
    {
      _id: 'two',
      at: [
        [90, 90],
        [6, 8],
      ],
      open: true,
    },
    { _id: 'nowhere' },
  ])
  const ids = async (filter: object, options: object = {}): Promise<string[]> =>
    (await shops.find(filter, options).toArray()).map(({ _id }) => _id)
  expect(await ids({ at: { $near: [0, 0] } })).toEqual(['here', 'near', 'two', 'far'])
  expect(await ids({ at: { $near: [0, 0], $minDistance: 5, $maxDistance: 10 } })).toEqual(['near', 'two'])
  expect(await ids({ at: { $near: [0, 0] }, open: true }, { limit: 1, skip: 1 })).toEqual(['two'])
  expect(await ids({ $and: [{ at: { $near: [0, 0] } }, { open: true }] }, { sort: { _id: -1 } })).toEqual([
    'two',
    'near',
    'far',
  ])
  expect(await shops.findOneAndDelete({ at: { $near: [29, 39] } })).toMatchObject({ _id: 'far' })
  expect(await shops.updateOne({ at: { $near: [5, 8] } }, { $set: { open: false } })).toMatchObject({
    modifiedCount: 1,
  })
  expect(await shops.findOne({ _id: 'two' })).toMatchObject({ open: false })
})

test('$near on the globe counts in metres for GeoJSON and in radians for pairs', async () => {
  await using server = await startServer()
  const cities = (await server.connect()).collection<{ _id: string; at: unknown }>('cities')
  await cities.createIndex({ at: '2dsphere' })
  await cities.insertMany([
    { _id: 'San Mateo', at: { type: 'Point', coordinates: [-122.33, 37.57] } },
    { _id: 'Squaw Valley', at: { type: 'Point', coordinates: [-120.24, 39.21] } },
    { _id: 'Mammoth Lakes', at: [-118.9, 37.61] },
  ])
  const from = { type: 'Point', coordinates: [-122.33, 37.57] }
  const ids = async (condition: object): Promise<string[]> =>
    (await cities.find({ at: condition }).toArray()).map(({ _id }) => _id)
  expect(await ids({ $near: { $geometry: from } })).toEqual(['San Mateo', 'Squaw Valley', 'Mammoth Lakes'])
  expect(await ids({ $near: { $geometry: from, $minDistance: 1000, $maxDistance: 280000 } })).toEqual(['Squaw Valley'])
  expect(await ids({ $nearSphere: [-122.33, 37.57], $maxDistance: 280000 / 6378100 })).toEqual([
    'San Mateo',
    'Squaw Valley',
  ])
})

test('$near needs an index that serves it, at the top of a query', async () => {
  await using server = await startServer()
  const places = (await server.connect()).collection('places')
  await places.insertOne({ at: [0, 0] })
  await expect(places.findOne({ at: { $near: [0, 0] } })).rejects.toMatchObject({ code: 291 })
  await places.createIndex({ at: '2d' })
  await expect(
    places.findOne({ at: { $near: { $geometry: { type: 'Point', coordinates: [0, 0] } } } }),
  ).rejects.toMatchObject({ code: 291 })
  await expect(places.findOne({ $or: [{ at: { $near: [0, 0] } }] })).rejects.toMatchObject({ code: 2 })
  await expect(places.aggregate([{ $match: { at: { $near: [0, 0] } } }]).toArray()).rejects.toMatchObject({
    code: 5626500,
  })
})

test('an index of places refuses what is none, also when it is built', async () => {
  await using server = await startServer()
  const db = (await server.connect()).getClient().db()
  const flat = db.collection('flat')
  await flat.createIndex({ at: '2d' }, { min: 0, max: 10 })
  await flat.insertMany([{ at: [0, 10] }, { at: null }, {}, { at: [] }])
  await expect(flat.insertOne({ at: [0, 11] })).rejects.toMatchObject({ code: 13027 })
  await expect(flat.insertOne({ at: [1] })).rejects.toMatchObject({ code: 13068 })
  await expect(flat.updateOne({ at: [0, 10] }, { $set: { at: [1, 'x'] } })).rejects.toMatchObject({ code: 13026 })
  await server.kill()
  await server.start()
  const again = (await server.connect()).getClient().db()
  await expect(again.collection('flat').insertOne({ at: [0, 11] })).rejects.toMatchObject({ code: 13027 })
  const globe = again.collection('globe')
  await globe.createIndex({ at: '2dsphere', name: 1 })
  await globe.insertMany([{ at: [0, 10] }, { at: null }, { at: [] }, { name: 1 }])
  for (const at of [
    [0, 91],
    { type: 'Point' },
    'here',
    {
      type: 'Polygon',
      coordinates: [
        [
          [0, 0],
          [1, 1],
          [0, 0],
        ],
      ],
    },
  ]) {
    await expect(globe.insertOne({ at })).rejects.toMatchObject({ code: 16755 })
  }
  expect(await globe.indexes()).toMatchObject([{}, { key: { at: '2dsphere', name: 1 }, '2dsphereIndexVersion': 3 }])
  expect(await again.collection('flat').indexes()).toMatchObject([{}, { key: { at: '2d' }, min: 0, max: 10 }])
  const full = again.collection('full')
  await full.insertOne({ at: 'here' })
  await expect(full.createIndex({ at: '2dsphere' })).rejects.toMatchObject({ code: 16755 })
  expect(await full.indexes()).toHaveLength(1)
})

test('a hashed index is kept and refuses arrays and uniqueness', async () => {
  await using server = await startServer()
  const rows = (await server.connect()).collection('rows')
  await rows.createIndex({ key: 'hashed' })
  await rows.insertMany([{ key: 1 }, { key: { a: 1 } }, {}])
  await expect(rows.insertOne({ key: [1] })).rejects.toMatchObject({ code: 16766 })
  expect(await rows.find({ key: 1 }).toArray()).toHaveLength(1)
  await expect(rows.createIndex({ other: 'hashed' }, { unique: true })).rejects.toMatchObject({ code: 16764 })
})
