import '../style.css'
import './registry.css'
import { createRoot } from 'react-dom/client'
import { RegistryApp } from './registry-app.tsx'

const root = document.getElementById('root')
if (root === null) throw new Error('registry/index.html has no element with the id "root"')
createRoot(root).render(<RegistryApp />)
