// The documents' own stack, as they write it: Express 5, jsonwebtoken, bcrypt, pg, one process. A peer of scripts/bench.
//
//   DATABASE_URL=postgres://… SECRET=… PORT=… BCRYPT_COST=10 node server.mjs
import bcrypt from 'bcrypt';
import express from 'express';
import jwt from 'jsonwebtoken';
import pg from 'pg';

const { DATABASE_URL, SECRET, PORT, BCRYPT_COST = '10' } = process.env;
const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 16 });
await pool.query(`CREATE TABLE IF NOT EXISTS users (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  full_name text NOT NULL,
  email text NOT NULL UNIQUE,
  password text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
)`);

const ok = (message, data) => ({ status: true, message, data });
const failed = (message) => ({ status: false, message, data: null });
const tokenOf = (id) => jwt.sign({ id }, SECRET, { algorithm: 'HS256', expiresIn: '30d' });
const signedIn = (user) => ({ _id: user.id, fullName: user.full_name, email: user.email, token: tokenOf(user.id) });

const app = express();
app.use(express.json());

app.post('/api/auth/register', async (request, response) => {
  const { fullName, email, password } = request.body ?? {};
  if (!fullName || !email || !password) {
    return response.status(400).json(failed('Please add all fields'));
  }
  const hash = await bcrypt.hash(password, Number(BCRYPT_COST));
  const { rows } = await pool.query(
    'INSERT INTO users (full_name, email, password) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING *',
    [fullName, email, hash],
  );
  if (rows.length === 0) {
    return response.status(400).json(failed('User already exists'));
  }
  return response.status(201).json(ok('User registered successfully', signedIn(rows[0])));
});

app.post('/api/auth/login', async (request, response) => {
  const { email, password } = request.body ?? {};
  const { rows } = await pool.query('SELECT * FROM users WHERE email = $1', [email]);
  if (rows.length === 0 || !(await bcrypt.compare(password, rows[0].password))) {
    return response.status(401).json(failed('Invalid credentials'));
  }
  return response.json(ok('Login successful', signedIn(rows[0])));
});

const authenticate = async (request, response, next) => {
  const [scheme, token] = (request.headers.authorization ?? '').split(' ');
  try {
    if (scheme !== 'Bearer') throw new Error('no token');
    const { id } = jwt.verify(token, SECRET, { algorithms: ['HS256'] });
    const { rows } = await pool.query('SELECT * FROM users WHERE id = $1', [id]);
    if (rows.length === 0) {
      return response.status(404).json(failed('User not found'));
    }
    request.user = rows[0];
  } catch {
    return response.status(401).json(failed('Not authorized, no token'));
  }
  return next();
};

app.get('/api/auth/me', authenticate, (request, response) => {
  const { id, full_name: fullName, email } = request.user;
  response.json(ok('User data fetched successfully', { id, fullName, email }));
});

app.get('/health/live', (request, response) => response.json(ok('alive', null)));

app.listen(Number(PORT), '127.0.0.1');
