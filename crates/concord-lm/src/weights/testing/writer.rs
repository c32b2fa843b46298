//! Writes GGUF version 3 files in memory. Believes its caller: tests use it to write wrong files too.

/// A GGUF file in the making.
#[derive(Clone, Debug)]
pub struct GgufWriter {
    metadata: Vec<u8>,
    n_entries: u64,
    directory: Vec<u8>,
    n_tensors: u64,
    data: Vec<u8>,
}

/// Alignment of tensor data; the format's default.
const ALIGNMENT: usize = 32;

impl Default for GgufWriter {
    fn default() -> Self {
        Self::new()
    }
}

impl GgufWriter {
    /// An empty file.
    pub fn new() -> Self {
        Self { metadata: Vec::new(), n_entries: 0, directory: Vec::new(), n_tensors: 0, data: Vec::new() }
    }

    /// Adds a metadata entry of any type: `type_id` is the format's number, `bytes` the stored value.
    pub fn raw(&mut self, key: &str, type_id: u32, bytes: &[u8]) -> &mut Self {
        push_string(&mut self.metadata, key);
        self.metadata.extend(type_id.to_le_bytes());
        self.metadata.extend(bytes);
        self.n_entries += 1;
        self
    }

    /// Adds an unsigned 32-bit entry.
    pub fn u32(&mut self, key: &str, value: u32) -> &mut Self {
        self.raw(key, 4, &value.to_le_bytes())
    }

    /// Adds a 32-bit float entry.
    pub fn f32(&mut self, key: &str, value: f32) -> &mut Self {
        self.raw(key, 6, &value.to_le_bytes())
    }

    /// Adds a truth value.
    pub fn bool(&mut self, key: &str, value: bool) -> &mut Self {
        self.raw(key, 7, &[u8::from(value)])
    }

    /// Adds a text.
    pub fn string(&mut self, key: &str, value: &str) -> &mut Self {
        let mut bytes = Vec::new();
        push_string(&mut bytes, value);
        self.raw(key, 8, &bytes)
    }

    /// Adds an array of texts.
    pub fn strings<S: AsRef<str>>(&mut self, key: &str, values: &[S]) -> &mut Self {
        let mut bytes = 8u32.to_le_bytes().to_vec();
        bytes.extend((values.len() as u64).to_le_bytes());
        values.iter().for_each(|value| push_string(&mut bytes, value.as_ref()));
        self.raw(key, 9, &bytes)
    }

    /// Adds an array of signed 32-bit integers.
    pub fn i32s(&mut self, key: &str, values: &[i32]) -> &mut Self {
        let mut bytes = 5u32.to_le_bytes().to_vec();
        bytes.extend((values.len() as u64).to_le_bytes());
        values.iter().for_each(|value| bytes.extend(value.to_le_bytes()));
        self.raw(key, 9, &bytes)
    }

    /// Adds a tensor after those before it: `dims` fastest first, `type_id` the format's number.
    pub fn tensor(&mut self, name: &str, dims: &[u64], type_id: u32, bytes: &[u8]) -> &mut Self {
        let offset = self.data.len() as u64;
        self.data.extend(bytes);
        self.data.resize(self.data.len().next_multiple_of(ALIGNMENT), 0);
        self.entry(name, dims, type_id, offset)
    }

    /// Adds only a directory entry, for a tensor whose data is at `offset` or nowhere.
    pub fn entry(&mut self, name: &str, dims: &[u64], type_id: u32, offset: u64) -> &mut Self {
        push_string(&mut self.directory, name);
        self.directory.extend((dims.len() as u32).to_le_bytes());
        dims.iter().for_each(|dim| self.directory.extend(dim.to_le_bytes()));
        self.directory.extend(type_id.to_le_bytes());
        self.directory.extend(offset.to_le_bytes());
        self.n_tensors += 1;
        self
    }

    /// The file.
    pub fn finish(&self) -> Vec<u8> {
        let mut file = b"GGUF".to_vec();
        file.extend(3u32.to_le_bytes());
        file.extend(self.n_tensors.to_le_bytes());
        file.extend(self.n_entries.to_le_bytes());
        file.extend(&self.metadata);
        file.extend(&self.directory);
        file.resize(file.len().next_multiple_of(ALIGNMENT), 0);
        file.extend(&self.data);
        file
    }
}

fn push_string(bytes: &mut Vec<u8>, text: &str) {
    bytes.extend((text.len() as u64).to_le_bytes());
    bytes.extend(text.as_bytes());
}
