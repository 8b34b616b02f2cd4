/** A Vue component: a composable of a few lines around `connect()`. @see SPEC 5 */
import { connect } from 'sse-table/client';
import { createApp, defineComponent, h, onMounted, onUnmounted, shallowRef } from 'vue';
import { addUser, BEST_USERS, byScore } from './users.ts';

/** The stream while the component is mounted. */
function useStream(src: string) {
  const client = connect(src, { autoConnect: false });
  const stream = shallowRef(client.snapshot);
  client.subscribe(() => {
    stream.value = client.snapshot;
  });
  onMounted(() => client.connect());
  onUnmounted(() => client.disconnect());
  return stream;
}

const BestUsers = defineComponent(() => {
  const stream = useStream(BEST_USERS);
  return () => {
    const { connected, rows } = stream.value;
    const users = byScore(rows);
    return [
      h('p', connected ? 'Live' : 'Not connected'),
      h(
        'ol',
        users.map(({ name, score }) => h('li', { key: `${name} ${score}` }, [`${name} `, score])),
      ),
      h('button', { onClick: () => addUser(users[0]?.score ?? 0) }, 'Add a user'),
    ];
  };
});

createApp(BestUsers).mount('#app');
