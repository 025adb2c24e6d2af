//! The cities and their names.

use crate::format::{BLOCK, Cursor, DamagedData};

const CUT: DamagedData = DamagedData("the cities are cut");

/// A city as the data has it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct City {
    /// Thousandths of a degree.
    pub(crate) latitude: i32,
    pub(crate) longitude: i32,
    pub(crate) population: u32,
    /// Its index among the regions.
    pub(crate) region: u32,
    name_at: u32,
}

/// A city that has the name that was looked up.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Named {
    pub(crate) city: City,
    /// Whether it is the city's first name, which is mostly the English one.
    pub(crate) is_first: bool,
}

/// Where a run of names and its lists begin.
#[derive(Debug, Clone, Copy)]
struct Block {
    names_at: u32,
    lists_at: u32,
}

#[derive(Debug)]
pub(crate) struct Cities {
    all: Vec<City>,
    names: Vec<u8>,
    folded: Vec<u8>,
    lists: Vec<u8>,
    blocks: Vec<Block>,
}

impl Cities {
    /// Takes the last four parts of the data.
    pub(crate) fn read([names, numbers, folded, lists]: [Vec<u8>; 4]) -> Result<Self, DamagedData> {
        std::str::from_utf8(&names).map_err(|_| DamagedData("a name is not text"))?;
        let all = read_cities(&names, &numbers).ok_or(CUT)?;
        let blocks = read_blocks(&folded, &lists).ok_or(DamagedData("the names are cut"))?;
        Ok(Self { all, names, folded, lists, blocks })
    }

    /// Every city, the largest first.
    #[cfg(test)]
    pub(crate) fn all(&self) -> &[City] {
        &self.all
    }

    /// The name of the city.
    pub(crate) fn name(&self, city: &City) -> &str {
        let from = usize::try_from(city.name_at).unwrap_or(usize::MAX);
        let rest = self.names.get(from..).unwrap_or_default();
        let end = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
        std::str::from_utf8(&rest[..end]).unwrap_or_default()
    }

    /// The cities with a folded name, the largest first.
    pub(crate) fn named(&self, folded: &str) -> Vec<Named> {
        self.find(folded.as_bytes()).unwrap_or_default()
    }

    fn find(&self, wanted: &[u8]) -> Option<Vec<Named>> {
        let after = self.blocks.partition_point(|block| self.head(*block).is_some_and(|head| head <= wanted));
        let block = self.blocks.get(after.checked_sub(1)?)?;
        let mut names = Cursor::new(&self.folded, usize::try_from(block.names_at).ok()?);
        let mut lists = Cursor::new(&self.lists, usize::try_from(block.lists_at).ok()?);
        let mut name = Vec::with_capacity(64);
        for _ in 0..BLOCK {
            let shared = names.size()?;
            let rest = names.size()?;
            name.truncate(shared);
            name.extend_from_slice(names.take(rest)?);
            if name == wanted {
                return self.listed(&mut lists);
            }
            skip_list(&mut lists)?;
        }
        None
    }

    fn head(&self, block: Block) -> Option<&[u8]> {
        let mut names = Cursor::new(&self.folded, usize::try_from(block.names_at).ok()?);
        let _shared = names.number()?;
        let length = names.size()?;
        names.take(length)
    }

    fn listed(&self, lists: &mut Cursor<'_>) -> Option<Vec<Named>> {
        let count = lists.size()?;
        let mut at = 0;
        let mut named = Vec::with_capacity(count);
        for _ in 0..count {
            let step = lists.number()?;
            at += usize::try_from(step >> 1).ok()?;
            named.push(Named { city: *self.all.get(at)?, is_first: step & 1 == 1 });
        }
        Some(named)
    }

    /// Every folded name, in order.
    #[cfg(test)]
    pub(crate) fn folded_names(&self) -> Vec<String> {
        let (mut cursor, mut name, mut all) = (Cursor::new(&self.folded, 0), Vec::new(), Vec::new());
        while !cursor.is_at_end() {
            name.truncate(cursor.size().unwrap());
            let rest = cursor.size().unwrap();
            name.extend_from_slice(cursor.take(rest).unwrap());
            all.push(String::from_utf8(name.clone()).unwrap());
        }
        all
    }
}

fn read_cities(names: &[u8], numbers: &[u8]) -> Option<Vec<City>> {
    let mut numbers = Cursor::new(numbers, 0);
    let mut cities = Vec::with_capacity(names.split(|byte| *byte == b'\n').count());
    let mut name_at = 0;
    for name in names.split_inclusive(|byte| *byte == b'\n') {
        let region = numbers.number()?;
        cities.push(City { latitude: 0, longitude: 0, population: 0, region, name_at });
        name_at += u32::try_from(name.len()).ok()?;
    }
    let mut population = numbers.number()?;
    for city in &mut cities {
        population = population.checked_sub(numbers.number()?)?;
        city.population = population;
    }
    for city in &mut cities {
        city.latitude = numbers.signed()?;
        city.longitude = numbers.signed()?;
    }
    Some(cities)
}

fn read_blocks(folded: &[u8], lists: &[u8]) -> Option<Vec<Block>> {
    let (mut names, mut lists) = (Cursor::new(folded, 0), Cursor::new(lists, 0));
    let mut blocks = Vec::new();
    while !names.is_at_end() {
        let names_at = u32::try_from(names.position()).ok()?;
        blocks.push(Block { names_at, lists_at: u32::try_from(lists.position()).ok()? });
        for _ in 0..BLOCK {
            if names.is_at_end() {
                break;
            }
            names.number()?;
            let length = names.size()?;
            names.take(length)?;
            skip_list(&mut lists)?;
        }
    }
    Some(blocks)
}

fn skip_list(lists: &mut Cursor<'_>) -> Option<()> {
    for _ in 0..lists.number()? {
        lists.number()?;
    }
    Some(())
}
